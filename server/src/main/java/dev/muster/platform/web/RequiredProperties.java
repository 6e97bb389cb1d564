package dev.muster.platform.web;

import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells in the API's document which properties are always there: those of a record that are not {@link Nullable}. */
@Component
final class RequiredProperties implements ModelConverter {

    @Override
    public @Nullable Schema<?> resolve(
            AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
        if (!chain.hasNext()) {
            return null;
        }
        Schema<?> schema = chain.next().resolve(type, context, chain);
        Class<?> raw = Json.mapper().constructType(type.getType()).getRawClass();
        if (schema != null && raw.isRecord()) {
            mark(raw, defined(schema, context));
        }
        return schema;
    }

    private static @Nullable Schema<?> defined(Schema<?> schema, ModelConverterContext context) {
        String reference = schema.get$ref();
        return reference == null
                ? schema
                : context.getDefinedModels().get(reference.substring(Components.COMPONENTS_SCHEMAS_REF.length()));
    }

    private static void mark(Class<?> type, @Nullable Schema<?> schema) {
        if (schema == null || schema.getProperties() == null) {
            return;
        }
        Map<String, ?> properties = schema.getProperties();
        for (RecordComponent component : type.getRecordComponents()) {
            boolean optional = Arrays.stream(component.getAnnotatedType().getAnnotations())
                    .anyMatch(annotation -> annotation.annotationType() == Nullable.class);
            boolean listed =
                    schema.getRequired() != null && schema.getRequired().contains(component.getName());
            if (!optional && !listed && properties.containsKey(component.getName())) {
                schema.addRequiredItem(component.getName());
            }
        }
    }
}
