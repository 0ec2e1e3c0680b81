// What axe finds that matters to those who use assistive technology.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** The rules that depend on colors. */
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];

/** Of the whole page, or only of its colors. */
export async function seriousFaults(page: Page, what: 'all' | 'colors' = 'all'): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (what === 'all' ? axe : axe.withRules(COLOR_RULES)).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' | ')}`);
}
