// Comfort on the survey page, which works without: what is entered is saved as it is entered, a choice can be taken
// back, and the service learns that somebody sees the page.

const form = document.querySelector("form");

if (form instanceof HTMLFormElement) {
  if (form.hasAttribute("data-shown")) noteShown(form);
  if (form.hasAttribute("data-saves")) saveChanges(form);
  letChoicesGo(form);
}

/** @param {HTMLFormElement} form */
function noteShown(form) {
  const note = () => {
    if (document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", note);
    void post(`${location.pathname}/displayed`, new FormData());
  };
  document.addEventListener("visibilitychange", note);
  note();
  form.removeAttribute("data-shown");
}

/**
 * One after the other, so that the newest is the last; what is under way when the form itself is sent is called off.
 * @param {HTMLFormElement} form
 */
function saveChanges(form) {
  const leaving = new AbortController();
  let last = Promise.resolve();
  form.addEventListener("submit", () => leaving.abort());
  form.addEventListener("change", () => {
    last = last.then(async () => {
      if (leaving.signal.aborted) return;
      const entries = new FormData(form);
      entries.set("go", "later");
      entries.set("quiet", "1");
      await post(form.action, entries, leaving.signal);
    });
  });
}

/**
 * A question that need not be answered can be left open again.
 * @param {HTMLFormElement} form
 */
function letChoicesGo(form) {
  /** @type {HTMLInputElement | null} */
  let held = null;
  form.addEventListener("pointerdown", ({ target }) => {
    const label = target instanceof Element ? target.closest("label") : null;
    const input = label?.querySelector("input");
    held = input?.type === "radio" && input.checked ? input : null;
  });
  form.addEventListener("click", ({ target }) => {
    if (held === null || target !== held) return;
    held.checked = false;
    held.dispatchEvent(new Event("change", { bubbles: true }));
    held = null;
  });
}

/**
 * What is lost here is sent again with the form.
 * @param {string} address
 * @param {FormData} body
 * @param {AbortSignal} [signal]
 */
function post(address, body, signal) {
  const options = /** @type {RequestInit} */ ({ method: "POST", redirect: "manual", credentials: "omit" });
  return fetch(address, { ...options, body, signal, keepalive: true }).catch(() => undefined);
}
