import { COLUMNS, type Column } from "./columns";

/** Overlays, and other reasons to look, one can filter by. */
export const ATTENTION = [
  "blocked",
  "regressed",
  "overdue",
  "unproven",
  "reproving",
  "claimed",
] as const;
export type AttentionFilter = (typeof ATTENTION)[number];

/** Facts one can filter by; each is a value of the address of that name. */
export const FACETS = ["team", "owner", "tag", "archetype", "difficulty"] as const;
export type Facet = (typeof FACETS)[number];
/** In the address: the services where the fact is not set. */
export const NOT_SET = "-";

export const GROUPINGS = ["none", "stage", "class", "assignee"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Everything the address says about the table. */
export interface Choice {
  text: string;
  /** Exactly this stage; `none` is before the first. */
  stage: string;
  /** This stage or beyond. */
  reached: string;
  /** `service`, another class, or `all`. */
  class: string;
  /** `in`, `retire`, `retain`, `archived`, or `all`. */
  scope: string;
  /** A person's id, or `nobody`. */
  assignee: string;
  attention: AttentionFilter | "";
  /** A value of each fact, `-` where it is not set, or nothing. */
  facets: Readonly<Record<Facet, string>>;
  sort: Column;
  descending: boolean;
  group: Grouping;
}

function oneOf<T extends string, F extends string>(
  allowed: readonly T[],
  value: string | null,
  fallback: F,
): T | F {
  return allowed.find((known) => known === value) ?? fallback;
}

/** Reads the address; what is missing or not known is the default. */
export function readChoice(params: URLSearchParams): Choice {
  const sort = params.get("sort") ?? "";
  return {
    text: params.get("q") ?? "",
    stage: params.get("stage") ?? "",
    reached: params.get("reached") ?? "",
    class: params.get("class") ?? "service",
    scope: params.get("scope") ?? "in",
    assignee: params.get("assignee") ?? "",
    attention: oneOf(ATTENTION, params.get("attention"), ""),
    facets: {
      team: params.get("team") ?? "",
      owner: params.get("owner") ?? "",
      tag: params.get("tag") ?? "",
      archetype: params.get("archetype") ?? "",
      difficulty: params.get("difficulty") ?? "",
    },
    sort: oneOf(COLUMNS, sort.replace(/^-/, ""), "name"),
    descending: sort.startsWith("-"),
    group: oneOf(GROUPINGS, params.get("group"), "none"),
  };
}

/** Changes of the address that take every filter away and leave order and groups. */
export const UNFILTERED = {
  q: null,
  stage: null,
  reached: null,
  class: null,
  scope: null,
  assignee: null,
  attention: null,
  team: null,
  owner: null,
  tag: null,
  archetype: null,
  difficulty: null,
};

/** Whether anything narrows the list, beyond services in scope. */
export function isFiltered(choice: Choice): boolean {
  return (
    choice.text + choice.stage + choice.reached + choice.assignee + choice.attention !== "" ||
    FACETS.some((facet) => choice.facets[facet] !== "") ||
    choice.class !== "service" ||
    choice.scope !== "in"
  );
}
