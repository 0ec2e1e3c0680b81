// Ends the output with the totals, alone on a line.
import type { FullResult, Reporter, Suite, TestError } from '@playwright/test/reporter';

export default class Totals implements Reporter {
  private suite: Suite | undefined;
  private errors = 0;
  private result: FullResult['status'] = 'passed';

  onBegin(_config: unknown, suite: Suite): void {
    this.suite = suite;
  }

  /** Errors outside of tests, such as a missing server. */
  onError(_error: TestError): void {
    this.errors += 1;
  }

  onEnd(result: FullResult): void {
    this.result = result.status;
  }

  async onExit(): Promise<void> {
    const outcomes = (this.suite?.allTests() ?? []).map((test) => test.outcome());
    const passed = outcomes.filter((outcome) => outcome === 'expected').length;
    const notRun = outcomes.filter((outcome) => outcome === 'skipped').length;
    const failed = outcomes.length - passed - notRun + this.errors;
    const interrupted = this.result === 'passed' || this.result === 'failed' ? '' : ` (${this.result})`;
    process.stdout.write(`\n${passed} passed, ${failed} failed${notRun > 0 ? `, ${notRun} not run` : ''}${interrupted}\n`);
  }

  printsToStdio(): boolean {
    return true;
  }
}
