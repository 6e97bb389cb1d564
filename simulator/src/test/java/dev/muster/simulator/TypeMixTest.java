package dev.muster.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.simulator.TypeMix.Member;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TypeMixTest {

    @Test
    void sharesAFleetByWeight() {
        List<Member> members = TypeMix.parse("vehicle=60,pos=20,sensor=20").members("", 0, 1_000);
        assertThat(members.stream().filter(member -> member.type().equals("vehicle")))
                .hasSize(600);
        assertThat(members.stream().filter(member -> member.type().equals("pos")))
                .hasSize(200);
        assertThat(members.getFirst().id()).hasToString("vehicle-00001");
        assertThat(members.stream().map(Member::id).distinct()).hasSize(1_000);
    }

    @Test
    void givesSeveralProcessesPartsOfTheSameFleet() {
        TypeMix mix = TypeMix.parse("vehicle=3,linux-device=1");
        List<Member> parts = new ArrayList<>(mix.members("x-", 0, 30));
        parts.addAll(mix.members("x-", 30, 70));
        assertThat(parts).isEqualTo(mix.members("x-", 0, 100));
    }

    @Test
    void saysWhatIsWrongWithAMix() {
        assertThatThrownBy(() -> TypeMix.parse("car=1"))
                .hasMessageStartingWith("cannot simulate assets of type \"car\"");
        assertThatThrownBy(() -> TypeMix.parse("pos=many"))
                .hasMessage("the weight of type pos is \"many\", not a number");
        assertThatThrownBy(() -> TypeMix.parse("pos=0"))
                .hasMessage("the weight of type pos is 0, allowed are 1 to 1000000");
    }
}
