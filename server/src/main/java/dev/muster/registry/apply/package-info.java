/**
 * Declarative documents: one apply for every kind, with an owner for each field. A package that has a kind brings an {@link
 * dev.muster.registry.apply.AppliedKind}.
 */
@NullMarked
package dev.muster.registry.apply;

import org.jspecify.annotations.NullMarked;
