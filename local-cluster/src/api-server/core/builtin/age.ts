/** How long ago, in the few letters kubectl uses: 5s, 3m20s, 4h, 2d3h. */
export function ageOf(time: string | undefined, now: Date): string {
  const start = time === undefined ? Number.NaN : Date.parse(time);
  if (Number.isNaN(start)) return '<unknown>';
  return durationText(Math.floor((now.getTime() - start) / 1000));
}

export function durationText(totalSeconds: number): string {
  if (totalSeconds < -1) return '<invalid>';
  const seconds = Math.max(0, totalSeconds);
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? two(years, 'y', days % 365, 'd') : `${years}y`;
}

const two = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
