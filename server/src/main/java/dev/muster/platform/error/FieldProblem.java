package dev.muster.platform.error;

/** What is wrong with one field of a request. @param field its path, as the client wrote it */
public record FieldProblem(String field, String message) {}
