/**
 * Doors for registries: a signed message that a version was pushed makes a rollout from a template, and starts it. Tables
 * {@code release_hook} and {@code release_hook_delivery}.
 */
@NullMarked
package dev.muster.rollout.hook;

import org.jspecify.annotations.NullMarked;
