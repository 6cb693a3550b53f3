/** What the gadgets find in their window: Finesse's container and library (docs/cisco/finesse.md §1.2, §3). */

interface Shell {
  /** PUBLIC_URL as the XML was made with it, and where this desktop reaches it. */
  publicUrl: string;
  base: string;
  /** Host and port of PUBLIC_URL, and its path. */
  address: string;
  path: string;
  module: string;
  /** Which of the two it is of. */
  gadget: 'journey' | 'analytics';
  arrived?: boolean;
  /** Settled when the OpenAjax hub has connected. */
  connected: Promise<void>;
  arrive(): boolean;
  dismissLoading(): void;
}

/** Any part of these may be missing in an older or newer Finesse: everything is reached with a guard. */
declare const gadgets: any;
declare const finesse: any;

interface Window {
  finessePulse: Shell;
  gadgets: any;
  finesse: any;
}

type Metric = 'nps' | 'csat' | 'ces';
type Band = 'detractor' | 'passive' | 'promoter';

interface Team { id: string; name: string }

interface Person {
  id: string;
  loginName: string;
  name: string;
  agentId: string;
  roles: string[];
  team: Team | null;
  supervises: Team[];
}

interface QuestionAnswer {
  question: string;
  kind: string;
  value: unknown;
  of?: [number, number];
  /** Of which metric it is the score. */
  metric?: Metric;
  /** Whether it is the comment. */
  comment?: boolean;
}

interface JourneyAnswer {
  id: string;
  respondedAt: string;
  channel: string | null;
  questionnaire: string;
  scores: Partial<Record<Metric, number>>;
  /** The lowest and the highest value that each score could have. */
  scales: Partial<Record<Metric, [number, number]>>;
  band: Band | null;
  answers: QuestionAnswer[];
  comment: string | null;
  agentId: string | null;
  agentName: string | null;
  teamId: string | null;
  teamName?: string | null;
}

/** What happens after a call; `declining` while it is not known to have been noted. */
type Survey = 'will_go_out' | 'declining' | 'declined' | 'no_rule' | 'too_soon' | 'opted_out';

interface Journey {
  customer: { customerId: string | null; email: string | null; mobile: string | null; knownBy: string | null; } | null;
  customerRef: string | null;
  sharedBy?: number | null;
  /** Of a call, where there are rules. */
  survey?: Survey;
  summary: {
    responses: number;
    first: string | null;
    last: string | null;
  } & Record<Metric, { last: number | null; mean: number | null }>;
  responses: JourneyAnswer[];
  next: string | null;
}

interface Figure {
  score: number | null;
  responses: number;
  previous: number | null;
  change: number | null;
  /** A change inside it may be chance. */
  margin: number | null;
  counts: Record<string, number>;
  mean?: number | null;
  of?: [number, number];
  promoters?: number;
  passives?: number;
  detractors?: number;
}

interface Row {
  id: string;
  /** null where the directory does not know the agent. */
  name: string | null;
  responses: number;
  nps: number | null;
  csat: number | null;
  ces: number | null;
  counts?: { promoters: number; passives: number; detractors: number };
  /** How many answers each score is of. */
  bases: Record<Metric, number>;
  change: Record<Metric, number | null>;
  margin: Record<Metric, number | null>;
}

interface DayFigure {
  score: number | null;
  responses: number;
  /** Of the answers of so many days, this one the last; absent where the period has few. */
  mean?: { score: number | null; responses: number; days: number };
}

type TrendDay = { date: string; responses: number } & Record<Metric, DayFigure>;

interface Pulse {
  scope: { tag: string; teams: string[] | null; agent: string | null };
  /** Compared with `previous`; of a day that is not over, up to the same moment of the day before. */
  period: { from: string; to: string; timeZone: string; previous: { from: string; to: string; until: string | null } };
  pollAfter: number;
  responses: number;
  invited: number | null;
  responseRate: number | null;
  invitedAnswered?: number | null;
  optedOut?: number | null;
  metrics: Record<Metric, Figure>;
  trend: TrendDay[];
  teams?: Row[];
  agents?: Row[];
}

/** The text of a style, minified. */
declare module '*.css' {
  const text: string;
  export default text;
}
