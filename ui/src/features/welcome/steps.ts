import type { FirstSteps } from "@/lib/generated/api";

/** One step of a new programme. */
export interface Step {
  id: keyof FirstSteps;
  title: string;
  /** What to do, shown while it is this step's turn. */
  text: string;
  done: boolean;
}

/** The steps in the order one takes them. */
export function stepsOf(state: FirstSteps): Step[] {
  const steps: Omit<Step, "done">[] = [
    {
      id: "person",
      title: "Say who works here",
      text: "Every finding carries the name of a person.",
    },
    {
      id: "services",
      title: "Bring in the services",
      text: "Import a file, or add one by its name.",
    },
    {
      id: "assigned",
      title: "Say who works on one",
      text: "Take a service from the list of those that nobody works on.",
    },
    {
      id: "looked",
      title: "Attest the first check",
      text: "Open a check of your service, look, and say what you saw.",
    },
  ];
  return steps.map((step) => ({ ...step, done: state[step.id] }));
}
