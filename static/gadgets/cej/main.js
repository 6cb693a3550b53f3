/** Entry of the Customer Experience Journey gadget. */
import '../base.css';
import './cej.css';
import { open } from '../gadget.js';
import { JourneyGadget } from './journey.js';

void open('pulse-journey', JourneyGadget);
