package dev.muster.rollout.gate;

import com.google.errorprone.annotations.Immutable;
import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.common.values.StructValue;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Values by name as CEL sees them: those that begin with a prefix are the fields of a struct; one that is not there is an error. */
@Immutable
final class GateValue extends StructValue<String, GateValue> {
    private final StructType type;
    private final String prefix;

    @SuppressWarnings("Immutable") // nobody changes them while a gate is asked
    private final Map<String, Object> values;

    GateValue(StructType type, String prefix, Map<String, Object> values) {
        this.type = type;
        this.prefix = prefix;
        this.values = values;
    }

    /** What is known of error budgets, by the name of the SLO. */
    static Map<String, GateValue> budgets(Map<String, Object> values) {
        Map<String, GateValue> budgets = new HashMap<>();
        values.keySet().stream()
                .filter(name -> name.startsWith("slo."))
                .map(name -> name.substring("slo.".length(), name.lastIndexOf('.')))
                .forEach(name -> budgets.put(name, new GateValue(GateExpressions.BUDGET, "slo." + name + ".", values)));
        return budgets;
    }

    @Override
    public Object select(String name) {
        return find(name).orElseThrow(() -> CelAttributeNotFoundException.forFieldResolution(name));
    }

    @Override
    public Optional<Object> find(String name) {
        Optional<CelType> field = type.findField(name).map(StructType.Field::type);
        if (field.isPresent() && field.get() instanceof StructTypeReference) {
            return Optional.of(new GateValue(GateExpressions.METRIC, prefix + name + ".", values));
        }
        return Optional.ofNullable(values.get(prefix + name));
    }

    @Override
    public GateValue value() {
        return this;
    }

    @Override
    public boolean isZeroValue() {
        return false;
    }

    @Override
    public CelType celType() {
        return type;
    }
}
