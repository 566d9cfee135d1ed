/*
 * Both caches, off and on.
 */
#ifndef CACHE_H
#define CACHE_H

/* What the data cache alone holds goes to memory first. */
void caches_stop(void);
void caches_start(void);
/* At once, whatever it holds. */
void dcache_disable(void);

#endif
