package dev.muster.registry.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.apply.FieldOwnership.Conflict;
import dev.muster.registry.apply.FieldOwnership.Merged;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FieldOwnershipTest {

    @Test
    void aNewObjectBelongsToWhoAppliedIt() {
        Merged merged = merge("{}", Map.of(), "{'spec':{'a':1,'b':{'c':'x'},'d':[1,2],'e':{}}}", "git", false);

        assertThat(merged.document()).isEqualTo(json("{'spec':{'a':1,'b':{'c':'x'},'d':[1,2],'e':{}}}"));
        assertThat(merged.managers())
                .isEqualTo(Map.of("/spec/a", "git", "/spec/b/c", "git", "/spec/d", "git", "/spec/e", "git"));
    }

    @Test
    void changingAFieldOfAnotherIsAConflict() {
        Merged merged = merge("{'spec':{'a':1}}", Map.of("/spec/a", "git"), "{'spec':{'a':2}}", "me", false);

        assertThat(merged.conflicts()).containsExactly(new Conflict("/spec/a", "git"));
    }

    @Test
    void forceTakesAFieldOver() {
        Merged merged = merge("{'spec':{'a':1}}", Map.of("/spec/a", "git"), "{'spec':{'a':2}}", "me", true);

        assertThat(merged.conflicts()).isEmpty();
        assertThat(merged.document()).isEqualTo(json("{'spec':{'a':2}}"));
        assertThat(merged.managers()).isEqualTo(Map.of("/spec/a", "me"));
    }

    @Test
    void theSameValueIsNoConflictHoweverANumberIsWritten() {
        Merged merged = merge("{'spec':{'a':1000}}", Map.of("/spec/a", "git"), "{'spec':{'a':1.0e3}}", "me", false);

        assertThat(merged.conflicts()).isEmpty();
        assertThat(merged.isSame(FieldOwnership.flatten(json("{'spec':{'a':1000}}"))))
                .isTrue();
        assertThat(merged.managers()).isEqualTo(Map.of("/spec/a", "git"));
    }

    @Test
    void aFieldThatItsOwnerNoLongerAppliesGoes() {
        Merged merged = merge(
                "{'spec':{'a':1,'b':2,'c':3}}",
                Map.of("/spec/a", "git", "/spec/b", "git", "/spec/c", "me"),
                "{'spec':{'a':1}}",
                "git",
                false);

        assertThat(merged.document()).isEqualTo(json("{'spec':{'a':1,'c':3}}"));
        assertThat(merged.managers()).isEqualTo(Map.of("/spec/a", "git", "/spec/c", "me"));
    }

    @Test
    void nullTakesAFieldAway() {
        assertThat(merge("{'spec':{'a':{'x':1},'b':2}}", Map.of(), "{'spec':{'a':null}}", "me", false)
                        .document())
                .isEqualTo(json("{'spec':{'b':2}}"));
    }

    @Test
    void anObjectWhereAScalarWasAndTheOtherWayRound() {
        assertThat(merge("{'spec':{'a':1}}", Map.of(), "{'spec':{'a':{'b':2}}}", "me", false)
                        .document())
                .isEqualTo(json("{'spec':{'a':{'b':2}}}"));
        assertThat(merge("{'spec':{'a':{'b':2,'c':3}}}", Map.of("/spec/a/c", "git"), "{'spec':{'a':1}}", "me", false)
                        .conflicts())
                .containsExactly(new Conflict("/spec/a/c", "git"));
    }

    @Test
    void keepsNamesWithSlashesTildesAndDots() {
        JsonNode document = json("{'metadata':{'labels':{'a/b':'1','c~d':'2','e.f':'3'}}}");

        assertThat(FieldOwnership.unflatten(FieldOwnership.flatten(document))).isEqualTo(document);
    }

    private static Merged merge(
            String live, Map<String, String> owners, String applied, String manager, boolean force) {
        return FieldOwnership.merge(
                FieldOwnership.flatten(json(live)),
                owners,
                json(applied),
                manager,
                force,
                pointer -> pointer.startsWith("/spec/keeps/"));
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text.replace('\'', '"'));
    }
}
