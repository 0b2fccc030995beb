/**
 * V8 lets the heap grow to several times of what is alive before it collects. A process whose memory is mostly caches would hold several
 * times their bounds: with this flag it collects once the heap is half as large again. Costs some CPU where much is replaced.
 */
export const HEAP_GROWTH_FLAG = "--heap-growing-percent=50";
