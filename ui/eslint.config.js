import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

const markup = "Text nodes only: foreign strings must never become markup.";

export default ts.config(
  { ignores: ["dist", "dist-testhost", "node_modules", "src/lib/generated"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: globals.browser } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig },
    },
  },
  {
    rules: {
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-console": "error",
      eqeqeq: "error",
      "svelte/no-at-html-tags": "error",
      "svelte/button-has-type": "error",
      "svelte/require-each-key": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      // Maps and sets here are bookkeeping; what components see is state in its own right.
      "svelte/prefer-svelte-reactivity": "off",
      // The type system already knows undefined names.
      "no-undef": "off",
      // The addresses of this app are hashes made by one function, not SvelteKit routes.
      "svelte/no-navigation-without-resolve": "off",
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"].map((property) => ({
          property,
          message: markup,
        })),
        { object: "document", property: "write", message: markup },
      ],
      "no-restricted-globals": ["error", { name: "DOMParser", message: markup }],
      "no-restricted-syntax": [
        "error",
        {
          selector: "SvelteAttribute[key.name='style']",
          message: "The content policy refuses style attributes; use a class or `style:property`.",
        },
        {
          selector: "AssignmentExpression > MemberExpression[property.name=/^(inner|outer)HTML$/]",
          message: markup,
        },
      ],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["@tauri-apps/*"], message: "Only src/lib/platform may reach the host." },
          ],
        },
      ],
    },
  },
  { files: ["src/lib/platform/**"], rules: { "no-restricted-imports": "off" } },
  {
    files: ["*.config.{js,ts}", "dev/**", "**/*.test.ts"],
    languageOptions: { globals: globals.node },
  },
);
