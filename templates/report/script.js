'use strict';
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const form = one('#filter');
  const findings = all('details.finding');
  const groups = all('section.group');
  const search = one('#q');
  const help = one('#help');
  const texts = new Map();

  all('[hidden].tools, form[hidden]').forEach((part) => { part.hidden = false; });

  const text = (finding) => {
    if (!texts.has(finding)) texts.set(finding, (finding.textContent + ' ' + finding.dataset.d).toLowerCase());
    return texts.get(finding);
  };
  const visible = () => findings.filter((finding) => !finding.hidden);

  const wanted = () => {
    const data = new FormData(form);
    return {
      words: search.value.toLowerCase().split(/\s+/).filter(Boolean),
      severities: data.getAll('s'),
      exact: ['c', 'd', 'r', 't'].map((key) => [key, data.get(key) || '']).filter(([, value]) => value),
    };
  };
  const apply = () => {
    const { words, severities, exact } = wanted();
    let shown = 0;
    for (const finding of findings) {
      const data = finding.dataset;
      const matches = (!severities.length || severities.includes(data.s))
        && exact.every(([key, value]) => data[key] === value)
        && words.every((word) => text(finding).includes(word));
      finding.hidden = !matches;
      shown += matches ? 1 : 0;
    }
    for (const group of groups) {
      const count = all('details.finding', group).filter((finding) => !finding.hidden).length;
      group.hidden = count === 0;
      group.querySelector('h3 .n').textContent = count;
    }
    one('.nothing').hidden = shown > 0;
    form.querySelector('.shown').textContent = shown === findings.length
      ? `${shown} findings` : `${shown} of ${findings.length} findings`;
    return shown;
  };
  const remember = () => {
    const query = new URLSearchParams(new FormData(form));
    if (search.value) query.set('q', search.value);
    for (const [key, value] of [...query]) if (!value) query.delete(key, value);
    const hash = query.size ? '#?' + query : ' ';
    try { history.replaceState(null, '', query.size ? hash : location.pathname + location.search); } catch { /* a page without an address */ }
  };
  const changed = () => { apply(); remember(); };
  const clear = () => { form.reset(); apply(); };

  const show = (id) => {
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.hidden || target.closest('[hidden]')) clear();
    for (let part = target; part; part = part.parentElement) if (part.tagName === 'DETAILS') part.open = true;
    target.scrollIntoView({ block: 'start' });
    if (target.matches('details.finding')) target.querySelector('summary').focus({ preventScroll: true });
  };
  const arrive = () => {
    const hash = decodeURIComponent(location.hash.slice(1));
    if (!hash.startsWith('?')) return show(hash);
    if (!form) return;
    form.reset();
    for (const [key, value] of new URLSearchParams(location.hash.slice(2))) {
      if (key === 'q') search.value = value;
      else for (const field of all(`[name="${CSS.escape(key)}"]`, form)) {
        if (field.type === 'checkbox') field.checked ||= field.value === value;
        else field.value = value;
      }
    }
    apply();
    one('#findings').scrollIntoView();
  };

  if (form) {
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', changed);
    form.addEventListener('reset', () => setTimeout(changed));
    one('#reset').addEventListener('click', () => { form.reset(); search.focus(); });
    one('#unfold').addEventListener('click', ({ currentTarget }) => {
      const open = currentTarget.getAttribute('aria-pressed') !== 'true';
      currentTarget.setAttribute('aria-pressed', open);
      currentTarget.textContent = open ? 'Fold all' : 'Unfold all';
      visible().forEach((finding) => { finding.open = open; });
    });
    for (const link of all('a[data-deployment]')) {
      link.addEventListener('click', () => {
        const field = form.querySelector('[name="d"]');
        if (field) { form.reset(); field.value = link.dataset.deployment; setTimeout(changed); }
      });
    }
    apply();
  }

  const step = (by) => {
    const list = visible();
    if (!list.length) return;
    const current = list.indexOf(document.activeElement && document.activeElement.closest('details.finding'));
    let next;
    if (current >= 0) next = list[Math.min(list.length - 1, Math.max(0, current + by))];
    else next = list[0];
    const summary = next.querySelector('summary');
    summary.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const field = event.target.closest('input, select, textarea');
    if (event.key === 'Escape' && form) {
      if (field && field !== search) field.blur();
      else if (field === search) { search.value = ''; changed(); search.blur(); }
      else if (document.activeElement.closest('details.finding[open]')) document.activeElement.closest('details.finding').open = false;
      else form.reset();
      return;
    }
    if (field === search && event.key === 'Enter') { event.preventDefault(); search.blur(); step(1); return; }
    if (field) return;
    if (event.key === '/' && form) { event.preventDefault(); search.focus(); search.select(); }
    else if (event.key === 'j') { event.preventDefault(); step(1); }
    else if (event.key === 'k') { event.preventDefault(); step(-1); }
    else if (event.key === '?') help.showModal();
  });
  one('#keys').addEventListener('click', () => help.showModal());

  const root = document.documentElement;
  one('#theme').addEventListener('click', () => {
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });

  let folded = [];
  addEventListener('beforeprint', () => {
    folded = all('details:not([open])');
    folded.forEach((part) => { part.open = true; });
  });
  addEventListener('afterprint', () => folded.forEach((part) => { part.open = false; }));
  addEventListener('hashchange', arrive);
  if (location.hash) arrive();
})();
