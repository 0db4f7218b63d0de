package main

import (
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// closure is a set of messages and enums that is complete: whatever a field of a member names is a member.
type closure struct {
	names map[protoreflect.FullName]bool
	files map[string]protoreflect.FileDescriptor
}

func newClosure() *closure {
	return &closure{names: map[protoreflect.FullName]bool{}, files: map[string]protoreflect.FileDescriptor{}}
}

func (c *closure) addMessage(message protoreflect.MessageDescriptor) {
	if c.names[message.FullName()] {
		return
	}
	c.add(message)
	for i := 0; i < message.Fields().Len(); i++ {
		field := message.Fields().Get(i)
		if field.Message() != nil {
			c.addMessage(field.Message())
		}
		if field.Enum() != nil {
			c.add(field.Enum())
		}
	}
}

// add keeps one name together with the messages that it is nested in.
func (c *closure) add(member protoreflect.Descriptor) {
	c.names[member.FullName()] = true
	c.files[member.ParentFile().Path()] = member.ParentFile()
	if parent, nested := member.Parent().(protoreflect.MessageDescriptor); nested {
		c.addMessage(parent)
	}
}

func (c *closure) fileSet() *descriptorpb.FileDescriptorSet {
	paths := make([]string, 0, len(c.files))
	for path := range c.files {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	set := &descriptorpb.FileDescriptorSet{}
	for _, path := range paths {
		set.File = append(set.File, c.prunedFile(c.files[path]))
	}
	return set
}

func (c *closure) prunedFile(file protoreflect.FileDescriptor) *descriptorpb.FileDescriptorProto {
	full := protodesc.ToFileDescriptorProto(file)
	prefix := string(file.Package()) + "."
	return &descriptorpb.FileDescriptorProto{
		Name: full.Name, Package: full.Package, Syntax: full.Syntax, Edition: full.Edition,
		MessageType: c.prunedMessages(full.MessageType, prefix),
		EnumType:    c.prunedEnums(full.EnumType, prefix),
	}
}

func (c *closure) prunedMessages(messages []*descriptorpb.DescriptorProto, prefix string) []*descriptorpb.DescriptorProto {
	var kept []*descriptorpb.DescriptorProto
	for _, message := range messages {
		name := prefix + message.GetName()
		if !c.names[protoreflect.FullName(name)] {
			continue
		}
		pruned := proto.Clone(message).(*descriptorpb.DescriptorProto)
		pruned.NestedType = c.prunedMessages(message.NestedType, name+".")
		pruned.EnumType = c.prunedEnums(message.EnumType, name+".")
		pruned.Options = nil
		if message.GetOptions().GetMapEntry() {
			pruned.Options = &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)}
		}
		for _, field := range pruned.Field {
			if field.Options != nil {
				field.Options = &descriptorpb.FieldOptions{Packed: field.Options.Packed, Deprecated: field.Options.Deprecated}
			}
		}
		for _, oneof := range pruned.OneofDecl {
			oneof.Options = nil
		}
		kept = append(kept, pruned)
	}
	return kept
}

func (c *closure) prunedEnums(enums []*descriptorpb.EnumDescriptorProto, prefix string) []*descriptorpb.EnumDescriptorProto {
	var kept []*descriptorpb.EnumDescriptorProto
	for _, enum := range enums {
		if !c.names[protoreflect.FullName(prefix+enum.GetName())] {
			continue
		}
		pruned := proto.Clone(enum).(*descriptorpb.EnumDescriptorProto)
		pruned.Options = nil
		for _, value := range pruned.Value {
			value.Options = nil
		}
		kept = append(kept, pruned)
	}
	return kept
}
