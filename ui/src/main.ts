import "@/lib/styles/tokens.css";
import "@/lib/styles/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { choosePlatform } from "@/lib/platform/choose";
import { preferences } from "@/lib/state/preferences.svelte";

preferences.apply();
const target = document.getElementById("app");
if (target) mount(App, { target, props: { platform: await choosePlatform() } });
