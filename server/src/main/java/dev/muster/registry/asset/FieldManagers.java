package dev.muster.registry.asset;

import dev.muster.registry.Asset;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Who owns which declared field of an asset, by JSON Pointer into its document. */
public final class FieldManagers {
    private FieldManagers() {}

    /** A plain write takes over every field that it changes, as opposed to an apply, which asks. */
    public static Map<String, String> afterWrite(
            @Nullable Asset before, Asset after, Map<String, String> managers, String manager) {
        Map<String, String> old = before == null ? Map.of() : fields(before);
        Map<String, String> fresh = fields(after);
        Map<String, String> result = new HashMap<>(managers);
        result.keySet().retainAll(fresh.keySet());
        fresh.forEach((path, value) -> {
            if (!Objects.equals(value, old.get(path))) {
                result.put(path, manager);
            }
        });
        return result;
    }

    /** The declared fields that are set. */
    public static Map<String, String> fields(Asset asset) {
        Map<String, String> fields = new TreeMap<>();
        asset.labels()
                .forEach((key, value) ->
                        fields.put("/metadata/labels/" + key.replace("~", "~0").replace("/", "~1"), value));
        fields.put("/spec/type", asset.type());
        fields.put("/spec/owner", asset.owner());
        fields.put("/spec/region", asset.region());
        fields.put("/spec/site", asset.site());
        fields.put("/spec/hardware", asset.hardware());
        fields.put("/spec/lifecycle", asset.lifecycle().wire());
        fields.entrySet()
                .removeIf(field ->
                        field.getKey().startsWith("/spec/") && field.getValue().isEmpty());
        return fields;
    }
}
