package dev.muster.arch.planted.registry;

/** What platform must not know. */
public record Upper(String name) {}
