export type Theme = "system" | "light" | "dark";
export type Density = "compact" | "comfortable";

function read<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  try {
    const kept = localStorage.getItem(`pilotage.${key}`);
    return allowed.find((value) => value === kept) ?? fallback;
  } catch {
    // Storage may be switched off; the choice then lasts for this session.
    return fallback;
  }
}

function readList(key: string): readonly string[] | null {
  try {
    const kept = localStorage.getItem(`pilotage.${key}`);
    return kept === null ? null : kept.split(" ").filter(Boolean);
  } catch {
    // See read.
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`pilotage.${key}`, value);
  } catch {
    // See read.
  }
}

/** How this device shows things. It says nothing about the programme, so it stays out of the log. */
class Preferences {
  theme = $state<Theme>(read("theme", ["system", "light", "dark"], "system"));
  /** Whether the first steps of a new programme are still offered. */
  firstSteps = $state(read("first-steps", ["shown", "dismissed"], "shown"));
  density = $state<Density>(read("density", ["compact", "comfortable"], "compact"));
  /** Columns of the Services table; nothing until a person chooses. */
  columns = $state.raw<readonly string[] | null>(readList("columns"));

  /** Writes the choices onto the document, where the tokens read them. */
  apply(): void {
    const { dataset } = document.documentElement;
    dataset["theme"] = this.theme;
    dataset["density"] = this.density;
  }

  dismissFirstSteps(): void {
    this.firstSteps = "dismissed";
    keep("first-steps", "dismissed");
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    keep("theme", theme);
    this.apply();
  }

  setDensity(density: Density): void {
    this.density = density;
    keep("density", density);
    this.apply();
  }

  setColumns(columns: readonly string[]): void {
    this.columns = columns;
    keep("columns", columns.join(" "));
  }
}

export const preferences = new Preferences();
