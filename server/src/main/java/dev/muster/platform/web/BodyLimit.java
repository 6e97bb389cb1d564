package dev.muster.platform.web;

/** A route that takes larger bodies than others, because it reads them as they come. Found as a bean. */
public record BodyLimit(String path, long bytes) {}
