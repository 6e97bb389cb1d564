package dev.muster.registry.type;

import dev.muster.registry.document.Problem;
import dev.muster.registry.selector.Selectors;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Turns the declared form of an asset type into the type, or says everything that is wrong with it. */
@Component
public class AssetTypeReader {
    private final Selectors selectors;
    private final CommandParameters parameters;

    public AssetTypeReader(Selectors selectors, CommandParameters parameters) {
        this.selectors = selectors;
        this.parameters = parameters;
    }

    /** @param problems receives what is wrong; the type is to be used only when that is nothing */
    public AssetType read(String name, JsonNode spec, List<Problem> problems) {
        return new AssetTypeSpec(
                        problems, selector -> selectors.problem(selector).orElse(null), parameters)
                .read(name, spec);
    }

    /** Reads what was accepted once; a field that a later version of the server refuses falls back instead of stopping it. */
    AssetType stored(String name, JsonNode spec) {
        return new AssetTypeSpec(new ArrayList<>(), selector -> null, CommandParameters.UNCHECKED).read(name, spec);
    }
}
