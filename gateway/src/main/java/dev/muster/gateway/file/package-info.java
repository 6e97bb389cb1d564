/** Files of assets: whole in one request, or resumable as tus 1.0 describes it; streamed, never held in memory. */
@NullMarked
package dev.muster.gateway.file;

import org.jspecify.annotations.NullMarked;
