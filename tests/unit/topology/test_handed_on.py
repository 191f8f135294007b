"""What a stack hands on: in its outputs, and in what others are told."""

from stacks import resource, stack

from stackproof.topology.handed_on import handed_on


def test_what_settings_and_other_stacks_are_told_is_handed_on() -> None:
    group = resource("EC2::SecurityGroup", GroupDescription="g")
    found = stack(
        {
            "Told": group,
            "Nested": group,
            "Kept": group,
            "Parameter": resource("SSM::Parameter", Type="String", Value={"Ref": "Told"}),
            "Inner": resource("CloudFormation::Stack", TemplateURL="u", Parameters={"Group": {"Ref": "Nested"}}),
        }
    )
    assert handed_on(found) == {"Told", "Nested"}
