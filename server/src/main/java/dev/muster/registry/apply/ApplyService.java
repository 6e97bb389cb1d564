package dev.muster.registry.apply;

import dev.muster.identity.Actor;
import dev.muster.identity.Permissions;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.apply.Applied.Result;
import dev.muster.registry.apply.FieldOwnership.Merged;
import dev.muster.registry.asset.AssetRules;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.FieldManagers;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.registry.group.Group;
import dev.muster.registry.group.GroupService;
import dev.muster.registry.type.AssetTypeService;
import dev.muster.registry.type.StoredAssetType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Applies documents: all of them, or when anything is wrong with any of them none, and then everything that is wrong is said.
 *
 * <p>Types come before groups before assets, whatever their order in the file, so that a file may hold a type and its assets.
 * A dry run does the same work and rolls it back.
 */
@Component
public class ApplyService {
    static final String DEFAULT_MANAGER = "apply";
    private static final Pattern MANAGER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@/-]{0,63}");

    private final AssetTypeService types;
    private final GroupService groups;
    private final AssetService assets;
    private final AssetStore store;
    private final Visibility visibility;
    private final TransactionTemplate transaction;

    public ApplyService(
            AssetTypeService types,
            GroupService groups,
            AssetService assets,
            AssetStore store,
            Visibility visibility,
            PlatformTransactionManager transactions) {
        this.types = types;
        this.groups = groups;
        this.assets = assets;
        this.store = store;
        this.visibility = visibility;
        this.transaction = new TransactionTemplate(transactions);
    }

    public Applied apply(Actor actor, List<JsonNode> documents, String manager, boolean force, boolean dryRun) {
        if (!MANAGER.matcher(manager).matches()) {
            throw new Refusal(ErrorCode.INVALID, "fieldManager must match " + MANAGER);
        }
        Run run = new Run(actor, manager, force);
        List<Declaration> declarations = run.read(documents);
        return Objects.requireNonNull(transaction.execute(status -> run.all(declarations, dryRun, status)));
    }

    /** One apply under way. */
    private final class Run {
        private final Actor actor;
        private final String manager;
        private final boolean force;
        private final List<FieldProblem> problems = new ArrayList<>();
        private ErrorCode worst = ErrorCode.CONFLICT;

        Run(Actor actor, String manager, boolean force) {
            this.actor = actor;
            this.manager = manager;
            this.force = force;
        }

        List<Declaration> read(List<JsonNode> documents) {
            List<Declaration> declarations = new ArrayList<>();
            Map<String, Integer> seen = new LinkedHashMap<>();
            for (int i = 0; i < documents.size(); i++) {
                List<Problem> found = new ArrayList<>();
                Declaration declaration = Declaration.read(i, documents.get(i), found);
                if (found.isEmpty()) {
                    String key = declaration.kind().wire() + " " + declaration.name();
                    Integer first = seen.putIfAbsent(key, i);
                    if (first != null) {
                        found.add(new Problem("metadata.name", key + " is declared by document " + first + " already"));
                    }
                    declarations.add(declaration);
                }
                problems(i, ErrorCode.INVALID, found);
            }
            return declarations;
        }

        Applied all(List<Declaration> declarations, boolean dryRun, TransactionStatus status) {
            List<Result> results = new ArrayList<>();
            for (Declaration declaration : declarations.stream()
                    .sorted(Comparator.comparing(Declaration::kind))
                    .toList()) {
                try {
                    Permissions.require(actor, Verb.WRITE, declaration.kind().permission());
                    results.add(new Result(
                            declaration.index(),
                            declaration.kind().wire(),
                            declaration.name(),
                            one(declaration).toLowerCase(Locale.ROOT)));
                } catch (Refusal refusal) {
                    refused(declaration.index(), refusal);
                }
            }
            if (!problems.isEmpty()) {
                status.setRollbackOnly();
                throw new Refusal(
                        worst,
                        "nothing was applied: " + problems.size() + " problems, the first in "
                                + problems.getFirst().field() + ": "
                                + problems.getFirst().message(),
                        problems);
            }
            if (dryRun) {
                status.setRollbackOnly();
            }
            return new Applied(
                    dryRun,
                    results.stream().sorted(Comparator.comparing(Result::index)).toList());
        }

        private String one(Declaration declaration) {
            return switch (declaration.kind()) {
                case ASSET_TYPE -> assetType(declaration);
                case GROUP -> group(declaration);
                case ASSET -> asset(declaration);
            };
        }

        private String assetType(Declaration declaration) {
            Optional<StoredAssetType> live = types.find(declaration.name());
            Map<String, JsonNode> fields = live.map(stored -> FieldOwnership.flatten(spec(stored.spec())))
                    .orElse(Map.of());
            Map<String, String> managers = live.map(StoredAssetType::managers).orElse(Map.of());
            Merged merged = merge(declaration, fields, managers);
            boolean same = live.isPresent() && merged.isSame(fields);
            if (!same || !merged.managers().equals(managers)) {
                types.save(
                        actor,
                        declaration.name(),
                        merged.document().path("spec"),
                        live.map(StoredAssetType::resourceVersion).orElse(null),
                        merged.managers());
            }
            return outcome(live.isPresent(), same);
        }

        private String group(Declaration declaration) {
            Optional<Group> live = groups.find(declaration.name());
            Map<String, JsonNode> fields =
                    live.map(group -> FieldOwnership.flatten(spec(group))).orElse(Map.of());
            Map<String, String> managers = live.map(Group::managers).orElse(Map.of());
            Merged merged = merge(declaration, fields, managers);
            boolean same = live.isPresent() && merged.isSame(fields);
            if (!same || !merged.managers().equals(managers)) {
                groups.save(
                        actor,
                        declaration.name(),
                        merged.document().path("spec"),
                        live.map(Group::resourceVersion).orElse(null),
                        merged.managers());
            }
            return outcome(live.isPresent(), same);
        }

        private String asset(Declaration declaration) {
            AssetId id = AssetId.parse(declaration.name())
                    .orElseThrow(() -> new Refusal(
                            ErrorCode.INVALID,
                            "the name is not an asset id",
                            List.of(new FieldProblem("metadata.name", "must match " + AssetId.PATTERN))));
            Optional<Asset> live = store.find(id).filter(asset -> visibility.isVisible(actor.scope(), asset));
            Map<String, JsonNode> fields = new LinkedHashMap<>();
            live.map(FieldManagers::fields)
                    .orElse(Map.of())
                    .forEach((pointer, value) -> fields.put(pointer, StringNode.valueOf(value)));
            Map<String, String> managers = live.isPresent() ? store.managers(id) : Map.of();
            Merged merged = merge(declaration, fields, managers);
            AssetSpec spec = assetSpec(merged.document());
            List<Problem> wrong = AssetRules.problems(spec);
            if (!wrong.isEmpty()) {
                throw new Refusal(
                        ErrorCode.INVALID,
                        "the asset is not valid",
                        wrong.stream()
                                .map(problem -> new FieldProblem(
                                        (problem.path().startsWith("labels") ? "metadata." : "spec.") + problem.path(),
                                        problem.message()))
                                .toList());
            }
            return assets.apply(actor, id, live.orElse(null), spec, merged.managers())
                    .outcome()
                    .name();
        }

        private Merged merge(Declaration declaration, Map<String, JsonNode> live, Map<String, String> managers) {
            Merged merged = FieldOwnership.merge(live, managers, declaration.fields(), manager, force);
            if (!merged.conflicts().isEmpty()) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "fields of others",
                        merged.conflicts().stream()
                                .map(conflict -> new FieldProblem(
                                        conflict.pointer().substring(1).replace('/', '.'),
                                        "belongs to field manager \"" + conflict.owner()
                                                + "\", which set another value; agree with it, leave the field out, or"
                                                + " take it over with force"))
                                .toList());
            }
            return merged;
        }

        private static String outcome(boolean existed, boolean same) {
            return existed ? same ? "unchanged" : "updated" : "created";
        }

        private void refused(int index, Refusal refusal) {
            if (refusal.errors().isEmpty()) {
                problems(index, refusal.code(), List.of(new Problem("", refusal.detail())));
            } else {
                problems(
                        index,
                        refusal.code(),
                        refusal.errors().stream()
                                .map(error -> new Problem(error.field(), error.message()))
                                .toList());
            }
        }

        /** An invalid document outweighs a forbidden one, that outweighs a conflict: the answer has one code. */
        private void problems(int index, ErrorCode code, List<Problem> found) {
            if (found.isEmpty()) {
                return;
            }
            if (problems.isEmpty() || weight(code) > weight(worst)) {
                worst = code;
            }
            found.forEach(problem -> problems.add(new FieldProblem(
                    "documents[" + index + "]" + (problem.path().isEmpty() ? "" : "." + problem.path()),
                    problem.message())));
        }
    }

    private static int weight(ErrorCode code) {
        return switch (code) {
            case INVALID -> 2;
            case CONFLICT -> 0;
            default -> 1;
        };
    }

    private static ObjectNode spec(JsonNode spec) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.set("spec", spec);
        return document;
    }

    private static ObjectNode spec(Group group) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        ObjectNode spec = document.putObject("spec").put("selector", group.selector());
        if (!group.description().isEmpty()) {
            spec.put("description", group.description());
        }
        return document;
    }

    private static AssetSpec assetSpec(JsonNode document) {
        List<Problem> found = new ArrayList<>();
        FieldReader reader = FieldReader.of("spec", document.get("spec"), found);
        Map<String, String> labels =
                FieldReader.of("metadata", document.get("metadata"), found).texts("labels");
        @Nullable Lifecycle lifecycle =
                reader.has("lifecycle") ? reader.choice("lifecycle", Lifecycle.class, Lifecycle.REGISTERED) : null;
        AssetSpec spec = new AssetSpec(
                reader.requiredText("type"),
                labels,
                reader.text("owner", ""),
                reader.text("region", ""),
                reader.text("site", ""),
                reader.text("hardware", ""),
                lifecycle);
        reader.finish();
        if (!found.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the asset is not valid",
                    found.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
        return spec;
    }
}
