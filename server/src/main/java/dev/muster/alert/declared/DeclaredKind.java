package dev.muster.alert.declared;

import dev.muster.registry.document.FieldReader;

/** What is special to one kind of declared object. */
public interface DeclaredKind {
    /** As in a document: {@code AlertRule}. */
    String wire();

    /** For people: {@code alert rule}. */
    String words();

    /** Objects of the kind at most. */
    int most();

    int order();

    /** Reads a spec and reports what is wrong with it, nothing else. */
    void check(String name, FieldReader spec);
}
