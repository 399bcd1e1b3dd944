const namesShown = 5;

/** Names for people: the first few and how many more, because a message has a bound and a reader too. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, namesShown).join(', ');
  return names.length > namesShown ? `${shown} and ${names.length - namesShown} more` : shown;
}
