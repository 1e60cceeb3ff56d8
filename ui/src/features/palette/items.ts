import type {
  ChecklistView,
  ReportFormat,
  ServicesView,
  ServiceView,
  SessionView,
} from "@/lib/generated/api";
import type { Client } from "@/lib/state/client.svelte";
import { preferences, type Theme } from "@/lib/state/preferences.svelte";
import { href, router, serviceHref, type Page } from "@/lib/state/router.svelte";
import type { Item } from "./find";

/** What the palette searches. Views that are not there yet are simply not found yet. */
export interface Sources {
  client: Client;
  session: SessionView;
  services: ServicesView | undefined;
  checklist: ChecklistView | undefined;
  /** The service on the screen. */
  service: ServiceView | undefined;
  undo: () => void;
  showKeys: () => void;
  takeNote: () => void;
}

const PAGES: readonly [Page, string, string][] = [
  ["progress", "Progress", "G P"],
  ["services", "Services", "G S"],
  ["heatmap", "Heat map", "G H"],
  ["sprint", "Sprint", "G R"],
  ["retro", "Retrospective", "G O"],
  ["checklist", "My checklist", "G M"],
  ["skills", "Skills", "G K"],
  ["cluster", "Cluster", "G C"],
  ["playbook", "Playbook", "G B"],
  ["conflicts", "Conflicts", ""],
  ["import", "Import", "G I"],
  ["settings", "Settings", "G ,"],
];
const THEMES: readonly [Theme, string][] = [
  ["light", "light"],
  ["dark", "dark"],
  ["system", "like the system"],
];
const FORMATS: readonly [ReportFormat, string][] = [
  ["md", "Markdown"],
  ["html", "HTML"],
  ["csv", "CSV"],
  ["json", "JSON"],
];

/** Everything that can be found, the most useful first. */
export function collect(sources: Sources): Item[] {
  return [
    ...pages(),
    ...views(sources),
    ...actions(sources),
    ...checks(sources),
    ...services(sources),
  ];
}

function pages(): Item[] {
  return PAGES.map(([page, title, hint]) => ({
    id: `page ${page}`,
    kind: "Page",
    title,
    ...(hint ? { hint } : {}),
    run: () => router.go(href(page)),
  }));
}

function views({ session }: Sources): Item[] {
  return session.views.map(({ name, address }) => ({
    id: `view ${name}`,
    kind: "View",
    title: name,
    run: () => router.go(address),
  }));
}

function actions({ client, session, undo, showKeys, takeNote }: Sources): Item[] {
  const action = (id: string, title: string, run: () => void, hint?: string): Item => ({
    id: `action ${id}`,
    kind: "Action",
    title,
    run,
    ...(hint ? { hint } : {}),
  });
  const others = session.people.filter(({ id }) => id !== session.acting_as?.id);
  return [
    ...(session.undo ? [action("undo", `Undo: ${session.undo.summary}`, undo, "U")] : []),
    action("import", "Import services from files", () => router.go(href("import"))),
    ...FORMATS.map(([format, name]) =>
      action(`export ${format}`, `Export report as ${name}`, () => {
        void client.ask("save_report", { format }).then((file) => {
          if (file) client.toasts.show("done", `Report saved as ${file}`);
        });
      }),
    ),
    ...THEMES.map(([theme, name]) =>
      action(`theme ${theme}`, `Theme ${name}`, () => preferences.setTheme(theme)),
    ),
    action("note", "Note for the retrospective", takeNote, "N"),
    action("keys", "List the keys", showKeys, "?"),
    ...others.map((person): Item => ({
      id: `person ${person.id}`,
      kind: "Person",
      title: `Act as ${person.name}`,
      run: () => void client.write("act_as", { id: person.id }),
    })),
    ...session.people.map((person): Item => ({
      id: `checklist ${person.id}`,
      kind: "Person",
      title: `Checklist of ${person.name}`,
      run: () => router.go(href("checklist", { person: person.id })),
    })),
  ];
}

function checks({ service, checklist }: Sources): Item[] {
  const own = service
    ? [{ id: service.id, name: service.name, list: service.ladder.flatMap((rung) => rung.checks) }]
    : (checklist?.services ?? []).map(({ row, open }) => ({
        id: row.id,
        name: row.name,
        list: open,
      }));
  return own.flatMap(({ id, name, list }) =>
    list.map((check): Item => ({
      id: `check ${id} ${check.id}`,
      kind: "Check",
      title: check.advice === null ? `Attest: ${check.title}` : check.title,
      hint: name,
      run: () => router.go(serviceHref(id, check.id)),
    })),
  );
}

function services({ services }: Sources): Item[] {
  return (services?.rows ?? []).map((row) => ({
    id: `service ${row.id}`,
    kind: "Service",
    title: row.name,
    ...(row.class === "service" ? {} : { hint: row.class }),
    run: () => router.go(serviceHref(row.id)),
  }));
}
