/** Calendar events of systemd, such as `Mon..Fri *-*-* 06:00`. @see systemd.time(7) */

const DAY =
  '(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)';
const SHORTHAND =
  '(?:minutely|hourly|daily|weekly|monthly|quarterly|semi-?annually|bi-?annually|annually|anually|yearly)';
const NUMBERS = '(?:\\*|[\\d.]+)(?:[,./\\d*]*)';
const DATE = `(?:(${NUMBERS})-)?(${NUMBERS})([-~])(${NUMBERS})`;
const TIME = `(${NUMBERS}):(${NUMBERS})(?::(${NUMBERS}))?`;
const ZONE = '(?:UTC|[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*)';
const DAYS = `(${DAY}(?:(?:\\.\\.|-|,)${DAY})*)`;
const CALENDAR = new RegExp(
  `^(?:${SHORTHAND}|${DAYS},?|(?:${DAYS},? +)?(?:${DATE}|(?:${DATE} +)?${TIME}))(?: +${ZONE})?$`,
  'i',
);

// The end of the year 2199, as for years.
const LAST_SECOND = 7258118399;

/** A part of a date or time, and the numbers that it may have: those from the first up to, and without, the last. */
type Bounds = readonly [from: number, to: number];
const YEAR: Bounds = [1970, 2200];
const MONTH: Bounds = [1, 13];
const DAY_OF_MONTH: Bounds = [1, 32];
// Counted from the end of the month.
const DAY_FROM_END: Bounds = [1, 31];
const HOUR: Bounds = [0, 24];
const SIXTY: Bounds = [0, 60];

export function isCalendar(text: string): boolean {
  const second = /^@(\d+)(?: +UTC)?$/i.exec(text.trim())?.[1];
  if (second !== undefined) return Number(second) <= LAST_SECOND;
  const parts = CALENDAR.exec(text.trim());
  if (!parts) return false;
  const [
    allDays,
    givenDays,
    year,
    month,
    mark,
    day,
    otherYear,
    otherMonth,
    otherMark,
    otherDay,
    hour,
    minute,
    seconds,
  ] = parts.slice(1);
  if (![allDays, givenDays].every(areInOrder)) return false;
  const days = (mark ?? otherMark) === '~' ? DAY_FROM_END : DAY_OF_MONTH;
  return (
    isComponent(year ?? otherYear, YEAR) &&
    isComponent(month ?? otherMonth, MONTH) &&
    isComponent(day ?? otherDay, days) &&
    isComponent(hour, HOUR) &&
    isComponent(minute, SIXTY) &&
    isComponent(seconds, SIXTY, 6)
  );
}

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** A range of days does not go beyond Sunday. */
function areInOrder(days: string | undefined): boolean {
  return (days ?? '').split(',').every((item) => {
    const [first = 0, last = first, more] = item
      .split(/\.\.|-/)
      .map((day) => WEEK.indexOf(day.slice(0, 3).toLowerCase()));
    return more === undefined && first <= last;
  });
}

/** `*`, or numbers, ranges and repetitions such as `1,3..5,0/15`, of which the last part may have decimals. */
function isComponent(text: string | undefined, [from, to]: Bounds, decimals = 0): boolean {
  if (text === undefined || text === '*') return true;
  return text.split(',').every((item) => {
    const [, first, last, step] = /^(\d+(?:\.\d*)?)(?:\.\.(\d+(?:\.\d*)?))?(?:\/(\d+(?:\.\d*)?))?$/.exec(item) ?? [];
    if (first === undefined) return false;
    const given = [first, last ?? first, step ?? '1'];
    if (decimals === 0 && given.some((number) => number.includes('.'))) return false;
    if ((step?.split('.')[1] ?? '').length > decimals) return false;
    const [low = 0, high = 0, repeat = 0] = given.map((number) => Math.round(Number(number) * 1e6) / 1e6);
    return expandYear(low) >= from && expandYear(high) < to && low <= high && repeat > 0 && repeat < to - from;
  });

  // Two digits are a year from 1970 to 2069.
  function expandYear(number: number): number {
    return from === YEAR[0] && number < 100 ? number + (number < 70 ? 2000 : 1900) : number;
  }
}
