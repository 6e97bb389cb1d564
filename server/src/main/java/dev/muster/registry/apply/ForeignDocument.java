package dev.muster.registry.apply;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** Documents of another tool that say the same in another form; the package that owns the kinds brings one as a bean. */
public interface ForeignDocument {
    boolean reads(JsonNode document);

    /** @throws dev.muster.platform.error.Refusal with what of it cannot be said */
    List<JsonNode> translated(JsonNode document);
}
