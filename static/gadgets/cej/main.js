/** Entry of the Customer Experience Journey gadget. */
import base from '../base.css';
import own from './cej.css';
import { open } from '../gadget.js';
import { JourneyGadget } from './journey.js';

void open('pulse-journey', JourneyGadget, base + own);
