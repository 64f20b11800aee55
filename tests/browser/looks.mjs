// What must hold of every page however it is looked at.

/** Everything that is folded is opened, so that all of it is looked at. */
const unfold = (page) => page.evaluate(() => document.querySelectorAll('details').forEach((part) => { part.open = true; }));

/** WCAG 2 A and AA, of the page as it is and with everything unfolded. */
export const accessible = async (page, axe) => {
  await unfold(page);
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join(' | ')}`);
  });
  return violations;
};

/** The page itself never scrolls sideways. */
export const noSidewaysScroll = (page) => page.evaluate(() => {
  const { scrollWidth } = document.documentElement;
  if (scrollWidth <= innerWidth) return [];
  const wide = [...document.querySelectorAll('body *')].filter((part) => part.getBoundingClientRect().right > innerWidth + 1 && !part.closest('pre, .scroll, nav'));
  return [`${scrollWidth} > ${innerWidth}: ${wide.slice(0, 3).map((part) => part.outerHTML.slice(0, 100)).join(' | ')}`];
});

/** Each drawing that is seen has a name, its boxes lie apart, and its texts within them. */
export const drawn = async (page) => {
  await unfold(page);
  return page.evaluate(() => {
    const faults = [];
    const seen = [...document.querySelectorAll('svg.topo[role="group"]')].filter((svg) => svg.getClientRects().length);
    if (!seen.length) faults.push('nothing is drawn');
    const inside = (one, other) => one.left >= other.left - 1 && one.right <= other.right + 1 && one.top >= other.top - 1 && one.bottom <= other.bottom + 1;
    for (const svg of seen) {
      const name = document.getElementById(svg.getAttribute('aria-labelledby'))?.textContent;
      if (!name) faults.push('a drawing has no name');
      const whole = svg.getBoundingClientRect();
      const boxes = [...svg.querySelectorAll('rect.box, rect.caller, rect.gate')].filter((box) => box.closest('g'));
      const places = boxes.map((box) => [box, box.getBoundingClientRect()]);
      for (const [index, [box, place]] of places.entries()) {
        if (!inside(place, whole)) faults.push(`${name}: ${box.outerHTML} lies outside the drawing`);
        for (const [other, there] of places.slice(index + 1)) {
          const apart = place.right <= there.left + .5 || there.right <= place.left + .5 || place.bottom <= there.top + .5 || there.bottom <= place.top + .5;
          if (!apart) faults.push(`${name}: ${box.outerHTML} overlaps ${other.outerHTML}`);
        }
      }
      for (const text of svg.querySelectorAll('text')) {
        const place = text.getBoundingClientRect();
        const box = text.closest('g')?.querySelector(':scope > rect:is(.box, .caller, .gate, .frame)');
        if (!inside(place, whole)) faults.push(`${name}: «${text.textContent}» leaves the drawing`);
        else if (box && !inside(place, box.getBoundingClientRect())) faults.push(`${name}: «${text.textContent}» leaves its box`);
      }
      const texts = [...svg.querySelectorAll('text')].map((text) => [text, text.getBoundingClientRect()]);
      for (const [index, [text, place]] of texts.entries()) {
        for (const [other, there] of texts.slice(index + 1)) {
          const across = Math.min(place.right, there.right) - Math.max(place.left, there.left);
          const down = Math.min(place.bottom, there.bottom) - Math.max(place.top, there.top);
          if (across > 1 && down > place.height * .45) faults.push(`${name}: «${text.textContent}» lies on «${other.textContent}»`);
        }
      }
    }
    return faults.slice(0, 8);
  });
};
