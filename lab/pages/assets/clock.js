// Finesse's clock: `drift` is what this machine's is to be corrected by, in milliseconds, as Finesse's library adds it.
let behind = 0;
export const compare = (timestamp) => (behind = Date.parse(timestamp) - Date.now());
export const drift = () => behind;
export const now = () => Date.now() + behind;
