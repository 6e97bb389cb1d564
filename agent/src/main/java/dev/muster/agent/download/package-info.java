/** Artifacts: fetched with resume, bounded, and believed only when their hash is right. */
@NullMarked
package dev.muster.agent.download;

import org.jspecify.annotations.NullMarked;
