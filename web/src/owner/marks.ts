// Marks the fields of an owner's form in which something is wrong.

import { element } from "../elements.js";

export type Control = HTMLInputElement | HTMLSelectElement;

/** Says beside a field what is wrong with it. */
export function mark(row: HTMLElement, input: Control, mistake: string): void {
  const told = element("span", { class: "problem", id: `${input.id}-mistake`, "data-problem": "bad-form" }, mistake);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), told.id].filter(Boolean).join(" "));
  row.append(told);
}

/** Takes that back. */
export function unmark(row: HTMLElement, input: Control): void {
  const told = row.querySelector("[data-problem]");
  if (told === null) {
    return;
  }
  const rest = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== told.id);
  input.setAttribute("aria-describedby", rest.join(" "));
  input.removeAttribute("aria-invalid");
  told.remove();
}
