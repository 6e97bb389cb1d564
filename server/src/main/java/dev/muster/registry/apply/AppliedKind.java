package dev.muster.registry.apply;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.registry.document.DeclaredObject;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A kind of declared object as an apply sees it. The package that owns the kind brings one as a bean; apply works out who owns
 * which field, the kind reads and writes.
 */
public interface AppliedKind {
    /** As in the {@code kind} of a document, for example {@code AssetType}. */
    String wire();

    /** What writing one needs; what the actor's scope means for a single object is for {@link #live} and {@link #save}. */
    Kind permission();

    /** Smaller ones are applied earlier, so that one file may hold a group and what refers to it. */
    int order();

    /** Whether documents of the kind have {@code metadata.labels}. */
    default boolean hasLabels() {
        return false;
    }

    /** As in the {@code apiVersion} of a document. */
    default String apiVersion() {
        return DeclaredObject.API_VERSION;
    }

    /** Fields of {@code metadata} beside the name that are part of what is declared. */
    default Set<String> metadata() {
        return hasLabels() ? Set.of("labels") : Set.of();
    }

    /** Whether {@code null} at a JSON Pointer into the document is a value; elsewhere it takes the field away. */
    default boolean holdsNull(String pointer) {
        return false;
    }

    /** The object as the current transaction sees it; empty when there is none that the actor may see. */
    Optional<Live> live(Actor actor, String name);

    /**
     * Creates or replaces an object, in the caller's transaction.
     *
     * @param document the whole of it: {@code spec}, and {@code metadata.labels} of a kind that has them
     * @param live what {@link #live} told, {@code null} when it told nothing; another one by now is refused
     * @param managers who owns which field from now on
     * @return whether more than the owners changed
     */
    boolean save(Actor actor, String name, JsonNode document, @Nullable Live live, Map<String, String> managers);

    /**
     * An object as it is.
     *
     * @param document {@code spec}, and {@code metadata.labels} of a kind that has them; without defaults that nobody set
     * @param managers who owns which field, by JSON Pointer into the document
     */
    record Live(JsonNode document, Map<String, String> managers, long resourceVersion) {
        public static Live ofSpec(JsonNode spec, Map<String, String> managers, long resourceVersion) {
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            document.set("spec", spec);
            return new Live(document, managers, resourceVersion);
        }
    }
}
