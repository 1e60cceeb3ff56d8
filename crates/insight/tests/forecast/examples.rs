//! Golden examples, computed by numerical integration and not by drawing: `F(d) = P(D ≤ d)`. The
//! bench measures on them too.

use pilotage_insight::forecast::Drift;

pub const A: &[u32] = &[1, 2, 2, 2, 3, 1, 1, 2, 1, 1];
const B: &[u32] = &[1, 1, 2, 1, 1];
const C: &[u32] = &[0, 0, 3, 0, 1, 0, 4, 0, 0, 2];
/// The block rule: totals of 0, 8, 2, 6.
pub const D: &[u32] = &[0, 0, 0, 0, 0, 1, 0, 2, 0, 5, 0, 1, 0, 1, 0, 2, 0, 0, 3, 1];
/// The rule of leftovers: 17 days, blocks of 0, 8, 1; the two oldest days are in no block.
const E: &[u32] = &[4, 4, 0, 0, 0, 0, 0, 5, 0, 0, 3, 0, 0, 1, 0, 0, 0];
pub const F: &[u32] = &[
    0, 2, 1, 0, 3, 1, 1, 2, 1, 1, 0, 0, 2, 1, 1, 2, 0, 1, 3, 0, 1, 1, 0, 2, 1, 0, 1, 4, 0, 1, 2, 1,
    1, 0, 1, 1, 0, 2, 1, 2,
];
const G: &[u32] = &[1, 0, 1, 0, 1, 0, 0, 1, 1, 0];

/// One row of the table.
pub struct Example {
    pub name: &'static str,
    pub sample: &'static [u32],
    pub remaining: u32,
    pub dispersion: f64,
    pub drift: Drift,
    pub days: [u32; 4],
    /// `F` at those days, in ten thousandths.
    pub shares: [u32; 4],
    pub how_many: [u64; 4],
}

const NONE: Drift = Drift::Fixed(0.0);

pub fn examples() -> Vec<Example> {
    let row = |name, sample, remaining, dispersion, drift, days, shares, how_many| Example {
        name,
        sample,
        remaining,
        dispersion,
        drift,
        days,
        shares,
        how_many,
    };
    let twenty_ninths = 20.0 / 9.0;
    let (ten_thirds, nineteen_thirds) = (10.0 / 3.0, 19.0 / 3.0);
    let rule = Drift::Rule;
    vec![
        row("A", A, 60, 1.0, NONE, [37, 43, 50, 60], [5037, 7048, 8539, 9511], [16, 13, 11, 8]),
        row("A rule", A, 60, 1.0, rule, [41, 54, 70, 95], [5069, 7104, 8550, 9503], [15, 11, 8, 5]),
        row("B", B, 60, 1.0, NONE, [49, 61, 77, 104], [5126, 7037, 8507, 9501], [12, 9, 7, 4]),
        row(
            "B rule",
            B,
            60,
            1.0,
            rule,
            [56, 79, 110, 167],
            [5073, 7066, 8507, 9507],
            [11, 7, 5, 3],
        ),
        row(
            "C",
            C,
            20,
            twenty_ninths,
            NONE,
            [21, 28, 38, 57],
            [5196, 7050, 8504, 9519],
            [9, 6, 4, 2],
        ),
        row(
            "C rule",
            C,
            20,
            twenty_ninths,
            rule,
            [23, 33, 49, 77],
            [5125, 7010, 8552, 9504],
            [8, 5, 3, 1],
        ),
        row("D", D, 12, ten_thirds, NONE, [16, 23, 33, 49], [5016, 7064, 8600, 9512], [7, 4, 2, 1]),
        row(
            "D rule",
            D,
            12,
            ten_thirds,
            rule,
            [18, 26, 39, 63],
            [5249, 7020, 8529, 9512],
            [6, 4, 2, 0],
        ),
        row(
            "E",
            E,
            10,
            nineteen_thirds,
            NONE,
            [13, 20, 32, 58],
            [5254, 7034, 8516, 9514],
            [7, 4, 1, 0],
        ),
        row(
            "E rule",
            E,
            10,
            nineteen_thirds,
            rule,
            [14, 23, 38, 71],
            [5235, 7090, 8525, 9503],
            [7, 3, 1, 0],
        ),
        row("F rule", F, 60, 1.0, rule, [58, 73, 90, 116], [5012, 7087, 8524, 9504], [10, 8, 6, 4]),
        row("G rule", G, 1, 1.0, rule, [2, 3, 5, 10], [6016, 7253, 8550, 9579], [5, 3, 2, 1]),
    ]
}
