import { render } from "@testing-library/svelte";
import type { Component, ComponentProps } from "svelte";
import type { Platform } from "@/lib/platform/platform";
import Harness from "./Harness.svelte";

/** Draws a component with a client and a session around it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the bound svelte's own types use
export function draw<C extends Component<any>>(
  platform: Platform,
  component: C,
  properties: ComponentProps<C>,
  beside?: Component,
) {
  return render(Harness, {
    platform,
    component: component as unknown as Component<Record<string, unknown>>,
    properties,
    beside,
  });
}
