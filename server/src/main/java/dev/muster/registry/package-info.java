/**
 * What every registry package speaks of: an {@link dev.muster.registry.Asset}, its {@link dev.muster.registry.Lifecycle} and
 * {@link dev.muster.registry.Presence}.
 *
 * <p>Inside, imports point one way: values here ← {@code selector} ← {@code type} ← {@code asset} ← {@code group} ← {@code bulk} ←
 * {@code apply}; {@code facet} and {@code view} beside {@code group}.
 */
@NullMarked
package dev.muster.registry;

import org.jspecify.annotations.NullMarked;
