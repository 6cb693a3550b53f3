/** Entry of the Customer Experience Analytics gadget. */
import '../base.css';
import './cea.css';
import { open } from '../gadget.js';
import { AnalyticsGadget } from './analytics.js';

void open('pulse-analytics', AnalyticsGadget);
