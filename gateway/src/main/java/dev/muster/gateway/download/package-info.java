/** Artifacts and signed release metadata for assets. */
@NullMarked
package dev.muster.gateway.download;

import org.jspecify.annotations.NullMarked;
