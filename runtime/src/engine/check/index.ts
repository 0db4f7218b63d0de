export { Credentials } from './credentials';
export type * from './engine-port';
export { CheckFileError } from './fault';
export { parseChecks, readChecks } from './parse';
export { formatCheck, formatTotal, toReport } from './report';
export { runChecks, type CheckResult } from './run';
export type { Check, CheckFile } from './step';
