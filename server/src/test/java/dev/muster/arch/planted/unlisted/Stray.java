package dev.muster.arch.planted.unlisted;

/** In a package that has no place in the order. */
public record Stray(String name) {}
