package dev.muster.registry.selector;

import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.Immutable;
import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.StructType;
import dev.cel.common.values.StructValue;
import dev.muster.registry.Asset;
import java.util.Map;
import java.util.Optional;

/** One asset as CEL sees it: text fields are empty when not set, {@code has()} means set, an absent instant or count is an error. */
@Immutable
final class AssetValue extends StructValue<String, AssetValue> {
    static final StructType TYPE = StructType.create(
            "muster.Asset",
            ImmutableSet.copyOf(AssetField.BY_NAME.keySet()),
            name -> Optional.ofNullable(AssetField.BY_NAME.get(name))
                    .map(field -> field.kind().type()));

    @SuppressWarnings("Immutable") // every component of the record is
    private final Asset asset;

    AssetValue(Asset asset) {
        this.asset = asset;
    }

    @Override
    public Object select(String name) {
        AssetField field = AssetField.BY_NAME.get(name);
        Object value = field == null ? null : field.of(asset);
        if (value == null) {
            throw CelAttributeNotFoundException.forFieldResolution(name);
        }
        return value;
    }

    @Override
    public Optional<Object> find(String name) {
        AssetField field = AssetField.BY_NAME.get(name);
        return Optional.ofNullable(field == null ? null : field.of(asset)).filter(AssetValue::isSet);
    }

    private static boolean isSet(Object value) {
        return !value.equals("") && !(value instanceof Map<?, ?> map && map.isEmpty());
    }

    @Override
    public AssetValue value() {
        return this;
    }

    @Override
    public boolean isZeroValue() {
        return false;
    }

    @Override
    public CelType celType() {
        return TYPE;
    }
}
