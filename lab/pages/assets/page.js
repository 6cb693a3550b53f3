// The page's elements by name, and waiting.
export const at = (id) => document.getElementById(id);
export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
