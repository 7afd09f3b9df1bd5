// What the console uses of Preact and htm; templates themselves are not checked.
type Set<T> = (next: T | ((before: T) => T)) => void;
export function html(strings: TemplateStringsArray, ...values: any[]): any;
export function render(node: any, place: Element): void;
export function useState(initial: null | never[]): [any, Set<any>];
export function useState<T>(initial: T | (() => T)): [T, Set<T>];
export function useEffect(effect: () => void | (() => void), inputs?: readonly any[]): void;
/** As `useEffect`, and before the browser paints: for what must not be missed from the first moment. */
export function useLayoutEffect(effect: () => void | (() => void), inputs?: readonly any[]): void;
export function useRef(initial: null): {current: any};
export function useRef<T>(initial: T): {current: T};
