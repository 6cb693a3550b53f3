/** Entry of the Customer Experience Analytics gadget. */
import 'uplot/dist/uPlot.min.css';
import '../base.css';
import './cea.css';
import { open } from '../gadget.js';
import { AnalyticsGadget } from './analytics.js';
import { TrendLine } from './trend-line.js';

customElements.get('pulse-trend') ?? customElements.define('pulse-trend', TrendLine);
void open('pulse-analytics', AnalyticsGadget);
