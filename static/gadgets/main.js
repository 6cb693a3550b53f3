/** Entry of both gadgets: one module, which a desktop fetches once for the two; the shell's own gadget starts. */
import './cea/main.js';
import './cej/main.js';
