/** Declarative documents: one apply for every kind of the registry, with an owner for each field. */
@NullMarked
package dev.muster.registry.apply;

import org.jspecify.annotations.NullMarked;
