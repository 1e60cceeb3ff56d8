import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/svelte";
import { vi } from "vitest";

configure({ asyncUtilTimeout: 15_000 });

// jsdom lays nothing out: these stand in for the few parts of layout the app asks for.
class NoObserver implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal("ResizeObserver", NoObserver);
Element.prototype.scrollIntoView = () => undefined;
Element.prototype.scrollTo = () => undefined;
window.scrollTo = () => undefined;
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};
