/** Entry of the Customer Experience Analytics gadget. */
import base from '../base.css';
import own from './cea.css';
import { open } from '../gadget.js';
import { AnalyticsGadget } from './analytics.js';

void open('pulse-analytics', AnalyticsGadget, base + own);
